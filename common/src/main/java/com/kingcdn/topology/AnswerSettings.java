package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Which of a cluster's nodes a distribution's answers name, and in which order.
 *
 * @param addresses the most of each family, 1 to {@value #MOST}; 4 when left out
 * @param order by name when left out
 * @param sharedWith the distribution to whose edge hostname resolvers are led that send their clients' subnets, so that they cache one
 *     answer for each of these and not one for each distribution, too; null for none
 */
public record AnswerSettings(int addresses, Order order, @Nullable String sharedWith) {

    /** As many of either family fit into a datagram of 1232 bytes beside the longest name. */
    public static final int MOST = 24;

    public static final AnswerSettings DEFAULT = new AnswerSettings(0, null);

    /** Which node stands first. */
    public enum Order {
        /** The same for each client, and another one for each edge hostname: a title stays on few nodes. */
        @JsonProperty("name")
        NAME,
        /** Each in turn, as often as its weight says. */
        @JsonProperty("weight")
        WEIGHT
    }

    /** Fills in what was left out, and validates. */
    @JsonCreator
    public AnswerSettings(int addresses, @Nullable Order order, @Nullable String sharedWith) {
        this.addresses = addresses == 0 ? 4 : addresses;
        this.order = order == null ? Order.NAME : order;
        if (this.addresses < 1 || this.addresses > MOST) {
            throw new IllegalArgumentException("addresses must be 1 to " + MOST + ", not " + addresses);
        }
        this.sharedWith = sharedWith == null ? null : Identifiers.label("sharedWith", sharedWith);
    }

    /** Answers of its own. */
    public AnswerSettings(int addresses, @Nullable Order order) {
        this(addresses, order, null);
    }
}
