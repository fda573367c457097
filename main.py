"""Parley's command line. Settings, parts and commands are wired in `bot.assembly`; nothing happens here."""

from bot.assembly.cli import main

if __name__ == "__main__":
    main()
