"""The proof of the wire: real clients on real encrypted databases against the real platform, in one process.

``line`` is the network with its faults and its bag of messages, ``world`` the computers and the platform
on one virtual clock, ``acts`` what people do, ``rules`` the seventeen invariants, ``machine`` the stateful
test that draws from all of it, ``chaos`` the command that runs it for as long as one likes.
"""
