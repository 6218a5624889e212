from django.apps import AppConfig


class PylonConfig(AppConfig):
    name = "pylon"
