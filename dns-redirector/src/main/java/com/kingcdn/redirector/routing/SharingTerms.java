package com.kingcdn.redirector.routing;

import com.kingcdn.redirector.routing.Wish.Tolerance;

/**
 * How dear an answer is, and how much clients may lose for the sake of fewer of them (ADR 23).
 *
 * @param price what an answer more that a resolver has to cache may save: milliseconds for one measured prefix
 * @param measured for clients whose costs are measured
 * @param guessed for clients whose costs are guessed from a distance
 */
record SharingTerms(double price, Tolerance measured, Tolerance guessed) {

    static final SharingTerms DEFAULT = new SharingTerms(10, Tolerance.MEASURED, Tolerance.GUESSED);
}
