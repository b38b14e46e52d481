"""The advice where a variable is missing or a server's name means nothing here, from the project's own files, read as data."""

from __future__ import annotations

import os
import re
import shlex
import socket
from dataclasses import dataclass
from functools import cached_property

from ..core.database.obstacle import MissingVariables, Obstacle, ServerName
from ..core.errors import MigmergeError
from ..environment.compose import ComposeFile, Service, find_compose_file
from ..environment.variable_files import VariableFile, find_variable_files, port_values
from .runtime import ProjectRuntime

_OF_DATABASE = re.compile(r"DATABASE|SQLALCHEMY|DSN|(?:\A|_)(?:DB|POSTGRES|MYSQL|SQL)|_UR[IL]\Z")

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def advised(failure: MigmergeError, obstacle: Obstacle, runtime: ProjectRuntime, command: str) -> MigmergeError:
    """Return a failure with the advice for its obstacle, or as it is where the project's files say nothing about that.

    `command` is the one that the user has called.
    """
    files = _ProjectFiles(runtime, command)
    if isinstance(obstacle, MissingVariables):
        return _of_variable(failure, obstacle, files)
    return _of_server(failure, obstacle, files)


@dataclass(frozen=True)
class _ProjectFiles:
    """Read the files beside the project when they are asked for."""

    runtime: ProjectRuntime
    command: str

    @property
    def folders(self) -> list[str]:
        project = os.path.join(self.runtime.top, self.runtime.environment.project)
        return list(dict.fromkeys(map(os.path.normpath, (project, self.runtime.folder, self.runtime.top))))

    @cached_property
    def compose(self) -> ComposeFile | None:
        return find_compose_file(self.folders, {**port_values(self.folders), **os.environ})

    @cached_property
    def variables(self) -> list[VariableFile]:
        return find_variable_files(self.folders)

    def shown(self, path: str) -> str:
        return os.path.relpath(path, self.runtime.top)

    def setting(self, name: str) -> VariableFile | None:
        """Return the first file that sets a variable."""
        return next((each for each in self.variables if name in each.names), None)

    @property
    def compose_command(self) -> str:
        """Return `docker compose`, with the file where that is not at the top."""
        path = self.shown(self.compose.path) if self.compose else ""
        return f"docker compose -f {shlex.quote(path)}" if os.path.dirname(path) else "docker compose"

    def in_container(self, service: Service, command: str) -> str:
        """Return the command that runs another one in the container of a service."""
        return f"{self.compose_command} exec {service.name} {command}"


def _of_variable(failure: MigmergeError, missing: MissingVariables, files: _ProjectFiles) -> MigmergeError:
    name = _missing_name(missing, files)
    if name is None:
        return failure
    found = files.setting(name)
    services = files.compose.services if files.compose else ()
    service = next((each for each in services if name in each.variables), None)
    if found and not found.is_example:
        where, hint = f"{files.shown(found.path)} sets it", _with_file(found, name, files)
    elif service and files.compose:
        where = f"{files.shown(files.compose.path)} sets it for the service {service.name} alone"
        hint = files.in_container(service, files.command)
    elif found:
        where, hint = f"{files.shown(found.path)} shows how", f"{name}=… {files.command}"
    else:
        where, hint = "no file beside the project sets it", f"{name}=… {files.command}"
    return MigmergeError(f"{str(failure).rstrip('.')}; the variable {name} is not set, or empty: {where}", hint=hint)


def _missing_name(missing: MissingVariables, files: _ProjectFiles) -> str | None:
    """Return the variable that the project lacks; None where nothing tells which."""
    if missing.certain:
        return missing.certain
    asked = [name for name in missing.asked if _OF_DATABASE.search(name.upper())]
    in_files = [name for each in files.variables for name in sorted(each.names) if _OF_DATABASE.search(name.upper())]
    said = [name for name in in_files if name.upper() in missing.words and not os.environ.get(name)]
    return next((name for name in asked if name in in_files), next(iter([*asked, *said]), None))


def _with_file(found: VariableFile, name: str, files: _ProjectFiles) -> str:
    """Return the command that runs migmerge with the variables of a file."""
    path = shlex.quote(files.shown(found.path))
    if found.is_shell:
        return f"set -a; . ./{path}; set +a; {files.command}"
    return f'{name}="$({_value(path, name)})" {files.command}'


def _value(path: str, name: str) -> str:
    """Return the command that prints the value of a variable in a file whose lines a shell would misread."""
    return f"""sed -n "s/^ *\\(export \\)*{name} *= *[\\"']*\\([^\\"']*\\).*/\\2/p" {path}"""


def _of_server(failure: MigmergeError, server: ServerName, files: _ProjectFiles) -> MigmergeError:
    compose = files.compose
    if compose and server.host in _LOOPBACK:
        return _of_port(failure, server.port, compose, files)
    service = compose.named(server.host) if compose else None
    if not compose or not service or _resolves(server.host):
        return failure
    published = service.ports.get(server.port)
    path = files.shown(compose.path)
    here = f"on this machine it is 127.0.0.1:{published}" if published else "no port of it is published on this machine"
    message = f"{server.host} does not resolve here: it is a service of {path}, whose other services alone know the name; {here}"
    return MigmergeError(message, hint=_way_to(server, service, files))


def _of_port(failure: MigmergeError, port: int, compose: ComposeFile, files: _ProjectFiles) -> MigmergeError:
    """Return a failure with the command that starts the service whose port of this machine nobody listens on."""
    service = next((each for each in compose.services if port in each.ports.values()), None)
    if service is None or _is_open(port):
        return failure
    message = (
        f"{str(failure).rstrip('.')}; {files.shown(compose.path)} publishes port {port} of {service.name}, which does not run"
    )
    return MigmergeError(message, hint=f"{files.compose_command} up -d {service.name}")


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _way_to(server: ServerName, service: Service, files: _ProjectFiles) -> str:
    """Return the command that reaches a service's database: by its published port, or in the application's container."""
    assert files.compose
    published = service.ports.get(server.port)
    if published and (command := _with_other_server(server, published, files)):
        return command
    if application := files.compose.application(service):
        return files.in_container(application, f"{files.command} --trust {shlex.quote(server.trusted_as)}")
    if published:
        return f"put 127.0.0.1:{published} for {server.host}:{server.port} into the URL; then: {files.command}"
    return f'edit {files.shown(files.compose.path)}: ports: ["{server.port}:{server.port}"] for the service {service.name}'


def _with_other_server(server: ServerName, published: int, files: _ProjectFiles) -> str | None:
    """Return the command with the published port instead of the server, for a variable that holds its name."""
    if server.urls:
        name = server.urls[0]
        change = f"sed 's,@{server.host}[:0-9]*,@127.0.0.1:{published},'"
        found = None if os.environ.get(name) else files.setting(name)
        source = _value(shlex.quote(files.shown(found.path)), name) if found else f"printenv {name}"
        return f'{name}="$({source} | {change})" {files.command}'
    if server.hosts:
        name = server.hosts[0]
        port = re.sub(r"HOST(NAME)?|SERVER", "PORT", name)
        if published == server.port:
            return f"{name}=127.0.0.1 {files.command}"
        if port != name and port in server.set_variables:
            return f"{name}=127.0.0.1 {port}={published} {files.command}"
    return None


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return True
