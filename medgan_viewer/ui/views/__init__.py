"""What shows pixels."""
