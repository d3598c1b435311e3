"""The API as Python sees it: a few typed questions and wishes, and the events that tell how a wish comes true."""

from rockpool.client.answers import Component, Event, Home, Job, Port, Workspace
from rockpool.client.client import Client
from rockpool.client.connection import Address, Connection
from rockpool.client.follow import follow

__all__ = ["Address", "Client", "Component", "Connection", "Event", "Home", "Job", "Port", "Workspace", "follow"]
