package com.kingcdn.redirector.routing;

import com.kingcdn.redirector.routing.Wish.Tolerance;

/**
 * Other terms of sharing than those in use, for simulations that show what they would come to.
 *
 * @param price of an answer, in milliseconds for one measured prefix
 * @param tolerance how many times as much as by default a client may lose
 */
public record SharingTrial(double price, double tolerance) {

    /** The terms in use. */
    public static final SharingTrial DEFAULT = new SharingTrial(SharingTerms.DEFAULT.price(), 1);

    public TrafficDirector compile(RoutingInputs inputs) {
        return TrafficDirector.compile(
                inputs, new SharingTerms(price, times(Tolerance.MEASURED), times(Tolerance.GUESSED)));
    }

    private Tolerance times(Tolerance by) {
        return new Tolerance(
                tolerance * by.comeMillis(),
                tolerance * by.comeShare(),
                tolerance * by.stayMillis(),
                tolerance * by.stayShare());
    }
}
