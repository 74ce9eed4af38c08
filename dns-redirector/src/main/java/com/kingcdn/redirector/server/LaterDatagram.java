package com.kingcdn.redirector.server;

import com.kingcdn.redirector.transfer.ZoneRequests;

/** The way back of an answer to a datagram that is made on another thread than the socket's own. */
record LaterDatagram(DatagramOutlet outlet, ReturnPath client) implements ZoneRequests.Answer {

    @Override
    public boolean isDatagram() {
        return true;
    }

    @Override
    public boolean send(byte[] message) {
        return outlet.send(message, client);
    }
}
