package com.kingcdn.control;

/**
 * One edge's word that it has applied a purge.
 *
 * @param id of the purge
 * @param sequence of its event
 * @param appliedAtMillis Unix time in milliseconds, by the edge's clock
 * @param entries how many entries it removed or marked
 */
public record PurgeReceipt(String id, long sequence, long appliedAtMillis, long entries) {}
