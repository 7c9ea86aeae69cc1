"""Pure rules of dispute mediation: no I/O, no clock of its own, no Qt."""
