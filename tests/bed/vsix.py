"""An extension for the editor, as small as one can be: it adds a command that greets from where it runs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

NAME = "Greeting of the test"
COMMAND = "Greeting: Say"

_PACKAGE = {
    "name": "greeting",
    "publisher": "rockpool-test",
    "version": "1.0.0",
    "displayName": NAME,
    "engines": {"vscode": "^1.60.0"},
    "main": "./main.js",
    "contributes": {"commands": [{"command": "greeting.say", "title": COMMAND}]},
}
_MAIN = """\
const { commands, window } = require("vscode");
const say = () => window.showInformationMessage("Hello from " + require("os").hostname());
exports.activate = (context) => context.subscriptions.push(commands.registerCommand("greeting.say", say));
"""
_MANIFEST = """\
<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="greeting" Version="1.0.0" Publisher="rockpool-test"/></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets>
</PackageManifest>
"""


def make(path: Path) -> None:
    """Write it to a file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("extension.vsixmanifest", _MANIFEST)
        archive.writestr("extension/package.json", json.dumps(_PACKAGE))
        archive.writestr("extension/main.js", _MAIN)
