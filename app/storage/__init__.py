"""The encrypted database and the encrypted file vault, and the queries over them."""
