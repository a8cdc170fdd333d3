"""The release: built, verified, put in force and kept."""
