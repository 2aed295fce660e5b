"""Sources of several remote files: FTP, SFTP, S3, web folders."""
