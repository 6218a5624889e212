"""The Web API: one module per family of methods, each method a function registered under Slack's name."""
