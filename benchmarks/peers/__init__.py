"""What Pylon is measured against: the usual way of building the same thing."""

QUEUE = "peer"
TASK = "peer.work_event"
