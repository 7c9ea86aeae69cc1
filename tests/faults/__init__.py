"""The named faults of the wire, each as a scenario: right words for the person, and recovery by itself."""
