"""The wire: the contract, the engine that speaks it, and a reference platform to practise and test against."""
