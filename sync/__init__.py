"""The wire: the contract, the engine that speaks it, and a platform to practise and test against."""
