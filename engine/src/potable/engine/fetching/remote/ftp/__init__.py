"""Files on FTP servers, encrypted (FTPS) or not."""
