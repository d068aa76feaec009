"""A saved model: its folder, its networks in ONNX Runtime, its card; what is served is what was tested."""
