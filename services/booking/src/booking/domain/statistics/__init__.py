"""The council's questions, answered by figures without persons: what is counted, and what may be shown."""
