"""A small Slack stand-in: Web API, signed events, interactivity, several workspaces and a chat page.

It knows only Slack's documented protocol and nothing of the product it is used with.
"""
