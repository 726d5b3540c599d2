"""What is done to a document before it enters the corpus: small steps, each of which can say what it did and why."""
