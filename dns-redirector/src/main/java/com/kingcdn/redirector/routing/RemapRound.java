package com.kingcdn.redirector.routing;

/**
 * What came of one compilation of the map from measurements.
 *
 * @param prefixes how many have measurements, their own or their parts'
 * @param moved how many of them changed their first cluster
 * @param waiting how many are worth a move, and have to wait for another round
 */
public record RemapRound(int prefixes, int moved, int waiting) {

    static final RemapRound NONE = new RemapRound(0, 0, 0);
}
