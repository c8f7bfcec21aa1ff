# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server that does not run becomes: the primary that it was, a standby, or the first one of a new installation.
Everything here runs in the keeper's loop."""
import time

import keeper_copy
import keeper_orders

RETURN_AFTER = 10  # seconds after a step-down in which somebody has to become the primary


def bring_up(keeper, first):
    for _, watched in keeper.peers:
        watched.asked.wait(5)
    timeline, peer = keeper.primary_peer()
    has_data = (keeper.data / "PG_VERSION").exists()
    keeper_copy.note_unclean(keeper)
    if keeper.notes.get("fence"):
        return "stopped"
    if keeper.notes.get("stepped"):
        after_step_down(keeper)
        return "stopped, waiting" if keeper.notes.get("stepped") else "starting"
    if keeper.cut_off and not keeper.sees_majority():
        keeper.wait_for("cut off: neither the standby nor a majority of the pgpools is seen")
        return "starting"
    keeper.cut_off = False
    if keeper.notes.get("rewinding"):
        if peer:
            keeper.follow(peer)
        else:
            keeper.wait_for("what a rewind has left half done is no database: start a primary to copy from")
    elif has_data and (keeper.data / "standby.signal").exists():
        keeper.start()
    elif peer and (not has_data or timeline >= keeper_copy.own_timeline(keeper)):
        keeper.follow(peer)
    elif has_data:
        # What was heard last may be of before a promotion; the next round follows who has been promoted.
        own, system = keeper_copy.own_timeline(keeper), keeper_copy.own_system(keeper)
        seen = [one for one in (keeper.ask_peer(other) for other, _ in keeper.peers) if one]
        if not any(one.role == "primary" and (one.system != system or one.timeline >= own) for one in seen):
            keeper.start()
    elif had_data(keeper):
        keeper.wait_for("the data is gone that was here: mount its disk, or start a primary to copy from")
    else:
        stand_empty(keeper, first)
    return "starting"


def after_step_down(keeper):
    """Comes back to follow whoever has become the primary; as the primary when nobody has."""
    timeline, peer = keeper.primary_peer()
    stepped = keeper.notes["stepped"]
    successor = keeper_orders.peer_named(keeper, stepped["successor"])
    if peer:
        keeper_copy.make_standby(keeper.data)
    elif time.time() < stepped["at"] + RETURN_AFTER:
        return
    elif not successor or keeper.role_of(successor) != "standby":
        keeper.wait_for(f"it has stepped down for {stepped['successor']}, which does not answer and may be the primary: start that one; "
                        "if it is lost for good, promote this server to go on alone")
        return
    else:
        keeper.say("nobody has become the primary after the step-down: this server is it again")
        (keeper.data / "standby.signal").unlink(missing_ok=True)
    keeper.note(stepped=None)
    keeper.start()


def had_data(keeper):
    """Whether there was data here that may come back, as when its disk is not mounted, or is put aside."""
    return bool(keeper.notes.get("system")) or any(keeper.data.parent.glob(keeper.data.name + ".*/PG_VERSION"))


def stand_empty(keeper, first):
    """Says that nothing is here, and makes the database of a new installation when everybody says so. Not while this server
    says so itself: of two that are told to, one finds the other's door closed."""
    if first:
        keeper.door.close()
        told = {peer["name"]: keeper.role_of(peer) for peer, _ in keeper.peers}
        if all(role == "empty" for role in told.values()):
            keeper_copy.initialise(keeper)
            return
    else:
        told = {peer["name"]: watched.value.role if watched.value else None for peer, watched in keeper.peers}
    keeper.door.open()
    other = [f"{name} {'has some' if role else 'does not say whether it has any'}" for name, role in told.items() if role != "empty"]
    keeper.wait_for("there is no data here, and no primary to copy it from: "
                    + (", ".join(other) or "of a new installation one keeper is started with --first, once"))
