"""An estimator for scikit-learn: labels of posts, learnt from the vectors of a saved model."""
