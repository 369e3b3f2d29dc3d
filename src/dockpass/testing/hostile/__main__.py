"""python -m dockpass.testing.hostile."""

from dockpass.testing.hostile.command import main

raise SystemExit(main())
