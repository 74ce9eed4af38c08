package com.kingcdn.edge.store;

/**
 * What a distribution may and must have of the memory for content.
 *
 * @param distribution its identifier
 * @param most the share it may take, in percent, 1 to 100
 * @param floor the share of it that others cannot evict, in percent, 0 to {@code most}
 */
public record MemoryShare(String distribution, int most, int floor) {

    public MemoryShare {
        if (most < 1 || most > 100 || floor < 0 || floor > most) {
            throw new IllegalArgumentException("a share of 1 to 100 percent, and a floor up to it; not " + most
                    + " and " + floor + " of '" + distribution + "'");
        }
    }
}
