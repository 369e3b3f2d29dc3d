"""What was said beforehand about the way to a registry: by the user, and by the files of docker, podman and containerd.

Whom to trust, what to show, through which proxy, and where plain HTTP is allowed. The conversation itself knows nothing
of it.
"""
