package com.kingcdn.edge.store;

import java.nio.file.Path;
import org.springframework.util.unit.DataSize;

/**
 * A process that stores and removes entries until it is killed. It prints a line for each that the disk tier said was safe: {@code +
 * high low blocks} when stored, {@code - high low} when removed.
 */
final class DiskTierVictim {

    private DiskTierVictim() {}

    @SuppressWarnings("InfiniteLoopStatement")
    public static void main(String[] arguments) {
        DiskTierFixture disk = new DiskTierFixture(Path.of(arguments[0]));
        disk.capacity = DataSize.ofGigabytes(2);
        disk.reopen();
        EntryId last = disk.store(1);
        for (int round = 0; true; round++) {
            EntryId next = disk.store(round % 7);
            System.out.println("+ " + next.high() + " " + next.low() + " " + round % 7);
            if (round % 3 == 0) {
                disk.tier.remove(last);
                disk.sync();
                System.out.println("- " + last.high() + " " + last.low());
            }
            last = next;
        }
    }
}
