"""What can be notarised: who must come, what to bring, how long it takes."""
