"""``kill -9`` at every place where client or platform make something durable, one after the other."""
