package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Objects;

/**
 * One edge's word that it has applied a purge.
 *
 * @param id of the purge
 * @param sequence of its event
 * @param appliedAtMillis Unix time in milliseconds, by the edge's clock
 * @param entries how many entries it removed or marked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PurgeReceipt(String id, long sequence, long appliedAtMillis, long entries) {

    public PurgeReceipt {
        Objects.requireNonNull(id, "a receipt needs the id of its purge");
    }
}
