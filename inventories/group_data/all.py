"""What both rings know. The machine and its ports are chosen in ROCKPOOL_HOME/settings.toml."""

from rockpool.execute import settings as _settings

_machine = _settings.machine()

machine = _machine.to_data()
base_urls = _settings.base_urls(_machine)
