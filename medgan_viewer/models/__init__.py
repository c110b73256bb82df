"""Model packages and their inference."""
