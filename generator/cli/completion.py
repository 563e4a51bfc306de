"""`tenantry completion`: the script that lets a shell complete commands, options and names."""

from __future__ import annotations

import click

from generator.cli.group import FINE
from generator.cli.session import put


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of a shell.

    \b
    bash: eval "$(tenantry completion bash)"         in ~/.bashrc
    zsh:  eval "$(tenantry completion zsh)"          in ~/.zshrc, after compinit
    fish: tenantry completion fish > ~/.config/fish/completions/tenantry.fish
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    if completion is None:
        raise LookupError(shell)
    put(completion(context.find_root().command, {}, "tenantry", "_TENANTRY_COMPLETE").source() + "\n")
    return FINE
