"""Made-up answers of the official sources for the demo: in their shapes, read by the code that reads real ones."""
