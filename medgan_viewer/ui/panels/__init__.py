"""What stands beside the pixels."""
