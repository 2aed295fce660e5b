"""Files on SFTP servers."""
