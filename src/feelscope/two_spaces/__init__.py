"""Labels found in two spaces, that of features and that of the labels' words, by any scikit-learn estimators."""
