package io.cairn.catalog;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CATALOG =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.cairn.catalog");

    @Test
    void onlyTheDatabasesAdapterKnowsHowItIsStored() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..sql..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "jakarta.persistence..", "org.hibernate..", "io.vertx..", "..catalog.sql..")
                .check(CATALOG);
    }

    @Test
    void mutinyStaysAtTheEdges() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..sql..", "..kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.smallrye.mutiny..")
                .check(CATALOG);
    }

    @Test
    void theApiIsKnownToNobodyElse() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..rest..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.cairn.catalog..rest..")
                .check(CATALOG);
    }
}
