"""What comes back: a mail of a stranger's making is read, and judged by what we know of ours."""
