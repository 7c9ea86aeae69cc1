"""The person's side: the desktop window and the command line."""
