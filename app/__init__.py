"""The institution's work: rules, encrypted store, documents and services. Knows neither Qt nor HTTP."""
