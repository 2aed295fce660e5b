"""What runs a job: :mod:`inline <.inline>` in this process, :mod:`process <.process>` in one of its own."""
