"""One function a question: snapshot and parameters in, findings and frames out."""
