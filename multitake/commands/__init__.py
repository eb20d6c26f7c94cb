"""The verbs of the command line, in groups; each imports what it needs only when it runs."""
