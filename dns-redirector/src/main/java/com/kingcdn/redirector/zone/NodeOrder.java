package com.kingcdn.redirector.zone;

import com.kingcdn.hashing.RendezvousHash;
import com.kingcdn.topology.AnswerSettings.Order;
import com.kingcdn.topology.EdgeNode;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.Name;

/** The order in which answers name a cluster's nodes. */
final class NodeOrder {

    /** Of 2^32: its multiples fall evenly over the whole range, however many there are (Weyl's sequence of the golden ratio). */
    private static final int GOLDEN = 0x9e3779b9;

    private NodeOrder() {}

    /** The node that stands first stays first for an edge hostname: its titles stay on few nodes. */
    static List<EdgeNode> byName(Name edgeHostname, List<EdgeNode> nodes) {
        return RendezvousHash.rank(edgeHostname.toString(true), nodes, EdgeNode::id, EdgeNode::weight);
    }

    /**
     * The order for a distribution's answer.
     *
     * @param first index of the node that stands first, when the distribution's answers go by weight
     */
    static List<EdgeNode> of(Handoff handoff, List<EdgeNode> nodes, int first) {
        if (handoff.answers().order() == Order.NAME) {
            return byName(handoff.edgeHostname(), nodes);
        }
        List<EdgeNode> result = new ArrayList<>(nodes.subList(first, nodes.size()));
        result.addAll(nodes.subList(0, first));
        return result;
    }

    /** The index of the node that stands first in an answer by weight, for the answers one after the other. */
    static int first(List<EdgeNode> nodes, int turn) {
        long total = 0;
        for (EdgeNode node : nodes) {
            total += node.weight();
        }
        int position = turn * GOLDEN;
        long left = (Integer.toUnsignedLong(position) * total) >>> 32;
        int index = 0;
        while (left >= nodes.get(index).weight()) {
            left -= nodes.get(index++).weight();
        }
        return index;
    }
}
