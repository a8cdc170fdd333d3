"""What each row and delivery must be, and the judging of one file."""
