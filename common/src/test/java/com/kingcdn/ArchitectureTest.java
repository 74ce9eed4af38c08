package com.kingcdn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house rules of this module: values know nothing of sockets or frameworks, and no two packages know each other. */
@AnalyzeClasses(packages = "com.kingcdn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] VALUES = {"com.kingcdn.http", "com.kingcdn.topology", "com.kingcdn.hashing"};

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("com.kingcdn.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule VALUES_ARE_PURE = noClasses()
            .that()
            .resideInAnyPackage(VALUES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..",
                    "java.nio.file..",
                    "io.netty..",
                    "reactor..",
                    "org.springframework..",
                    "io.prometheus..");

    @ArchTest
    static final ArchRule HTTP_AND_HASHING_STAND_ALONE = classes()
            .that()
            .resideInAnyPackage("com.kingcdn.http", "com.kingcdn.hashing")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "com.kingcdn.http", "com.kingcdn.hashing");

    @ArchTest
    static final ArchRule THE_CONTRACT_IS_ONLY_DATA = noClasses()
            .that()
            .resideInAnyPackage("com.kingcdn.control", "com.kingcdn.topology")
            .and()
            .areRecords()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "reactor..", "org.springframework..", "io.prometheus..");

    @ArchTest
    static final ArchRule NO_SERVICE_IS_KNOWN_HERE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.kingcdn.edge..", "com.kingcdn.redirector..", "com.kingcdn.origin..");

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Common")
            .orShould()
            .haveSimpleNameEndingWith("Base");
}
