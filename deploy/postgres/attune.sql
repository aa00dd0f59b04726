-- What the image of PostgreSQL runs once, when the volume is empty: the service's role, which owns its database and
-- nothing else. The image has read the password from the secret. By socket, so from within the container, everybody is
-- trusted; from outside of it nobody comes as the superuser, who has no password after this.
\getenv password POSTGRES_PASSWORD
CREATE ROLE attune LOGIN PASSWORD :'password';
CREATE DATABASE attune OWNER attune;
ALTER ROLE CURRENT_USER PASSWORD NULL;
