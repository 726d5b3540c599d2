"""The built-in world: a grammar of short children's stories, which one side writes and the other side judges."""
