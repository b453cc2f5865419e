"""The demo's mail server and the mailbox of everybody in it: citizens and clerks. Takes every mail, sends none on."""
